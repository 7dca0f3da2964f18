"""What windows tell on their own account, when it is due or asked for; what people answer; confirmations."""
