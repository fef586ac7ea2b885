"""What is compared: each module is a process that loads once and does the work whenever told."""
