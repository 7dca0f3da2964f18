"""Everything that talks with people."""
