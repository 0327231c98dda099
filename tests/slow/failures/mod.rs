//! The ways in which tools like this one have lost people's images, each as a scene in which a
//! careless tool would lose one: the program runs, and what is left must be whole, what may go gone.
//!
//! The numbers are those of the list that the project keeps of such cases. Every scene is played on
//! each registry on which it can happen: the embedded ones, and Debian's `docker-registry`, which is
//! left out where the package is missing, unless `TAGS_REQUIRE_REAL_REGISTRY=1` is set.

mod ages;
mod answers;
mod collection;
mod contradictions;
mod counting;
mod cut_short;
mod dates;
mod debian;
mod images;
mod lies;
mod lost;
mod orders;
mod outcome;
mod paging;
mod releases;
mod rules;
mod runs;
mod server;
mod shapes;
mod sharing;
mod undeletable;
mod world;
