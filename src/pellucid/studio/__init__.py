"""The studio: a local server and a page in the browser. It computes nothing itself: every job runs
in a process of its own (`worker`), and the browser draws from raw maps."""
