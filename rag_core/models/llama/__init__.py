"""The batching engine: one model on one GPU (or the CPU) that writes many answers at once."""
