//! Files on disk: walk, decode, prefilter, line index.
