#pragma once

#include <string>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// Which network namespaces are not seen: how many are not watched, and how many may not be entered and why; empty if
/// every one is watched, or nothing is known of others.
std::string namespaces_sentence(const Snapshot& snapshot);

/// What a summary of the watched sockets leaves out: those of other ports and namespaces. And who waits for whom; empty if
/// there is nothing to say. Safe to print.
std::string beside_the_summary(const Snapshot& snapshot);

/// "in network namespace blue"; empty in the observer's own, and where the owner's name says it. Safe to print.
std::string in_namespace(const SocketRecord& socket, const Snapshot& snapshot);

/// "blue", or its number; empty in a recording. Safe to print.
std::string namespace_name(const SocketRecord& socket, const Snapshot& snapshot);

}  // namespace halfclosed::exporters
