"""What a chapter's cells show: records of what was measured, and how they read in both languages."""
