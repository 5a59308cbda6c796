"""The tokens by which Railway is spoken to: registered, tried out, watched, and what they see."""
