"""Training: chunks of the corpus on threads, the memory plan, and what a run reports."""
