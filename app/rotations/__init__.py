"""Changing passwords while applications go on: in two phases where there are two logins, at once where there is one."""
