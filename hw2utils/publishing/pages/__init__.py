"""Pages: what Sphinx makes of sources and records."""
