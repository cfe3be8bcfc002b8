"""The office's hours: business time, the calendar, closures, and permits outside the hours."""

from desk_app.hours.business_hours import BusinessHours

__all__ = ["BusinessHours"]
