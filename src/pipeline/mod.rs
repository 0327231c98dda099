//! What the runs of a pipeline show: which releases they deployed, and how well they went.
