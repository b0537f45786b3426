"""Hand-over: the queue of one akimat as files that another installation takes in, and anybody checks."""
