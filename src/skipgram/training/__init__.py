"""Training on threads, chunk by chunk: objectives, held-out text, memory plan and events."""
