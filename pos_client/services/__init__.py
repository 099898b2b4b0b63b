"""What an operator can do at a workstation. The window and the headless driver call only this package."""
