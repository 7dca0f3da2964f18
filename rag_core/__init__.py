"""Documents and questions: reading, searching and answering, without knowing who asks or on which platform."""
