"""One module a page or group of pages: functions from `Ask` to a reply."""
