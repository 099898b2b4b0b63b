"""What the server does by itself, on APScheduler's timers."""
