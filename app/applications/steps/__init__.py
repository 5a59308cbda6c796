"""What is done with applications, step by step."""
