"""Read files into chunks and keep the index in step with them."""
