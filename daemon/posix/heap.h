#pragma once

namespace halfclosed::posix {

/// For a process that serves for months with a few threads (mallopt(3)): one arena for all of them, and what is large is
/// mapped, so that it goes back to the system when it is freed. glibc's defaults are an arena for each thread, and a
/// threshold for mapping that grows with the largest block that was ever freed. Before the first thread starts.
void keep_heap_small();

/// Gives free pages back to the system, every ten seconds at most: it walks the whole heap.
void give_back_heap();

/// Unmaps the code and constants of the program and of its libraries, once: what is needed again comes back from the page
/// cache at the next touch. Most of it was needed by the start alone.
void give_back_start();

}  // namespace halfclosed::posix
