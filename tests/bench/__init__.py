"""The benchmark: what the tray costs beside the smallest tray and the smallest poll thread there can be."""
