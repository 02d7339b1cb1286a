"""Being at work without a window: a tray icon, and starting with the computer."""
