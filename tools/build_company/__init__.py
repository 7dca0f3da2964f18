"""Builds the sample company's binary documents (PDF, DOCX, XLSX, PPTX, a scan) from the texts in ``sources/``."""
