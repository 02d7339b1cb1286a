"""What went wrong, told once and for whoever can mend it; nothing is ever sent."""
