"""Facts of the other workstations of this store, as they said them: a third file that may be lost."""
