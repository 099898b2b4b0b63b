"""Who stands here and what he may do: signing on, PINs, roles, a second person's approval."""
