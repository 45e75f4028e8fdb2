"""Transport: what each data point can gain at a price, searched for, proved and added up."""
