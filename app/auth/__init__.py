"""Who calls: API keys, what they may do, what they did, and requests that must not happen twice."""
