"""How the model fares that writes answers: workers tell it, the web process and the doctor show it."""
