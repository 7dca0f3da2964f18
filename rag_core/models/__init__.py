"""The models Transom can use, each behind a port."""
