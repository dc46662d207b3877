//! What keeps the house in order: layers, README, licences, completions.

mod completions;
mod layers;
mod licences;
mod readme;
mod source;
