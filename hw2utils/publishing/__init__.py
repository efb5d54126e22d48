"""What turns notebooks into a book: execution, claims, figures, pages."""
