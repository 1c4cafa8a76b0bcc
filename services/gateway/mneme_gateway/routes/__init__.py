"""HTTP resources, one file each. In: requests. Out: answers; what decides or stores is elsewhere."""
