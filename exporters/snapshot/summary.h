#pragma once

#include <string>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// "9999", "80, 443 and 8000-8999".
std::string ports_text(const std::vector<std::string>& port_labels);

/// "port 9999", "ports 80 and 443", "all ports".
std::string ports_phrase(const Snapshot& snapshot);

/// How many half-closed sockets there are on ports that are not watched; empty if there are none, or it is not known.
std::string unwatched_sentence(const Snapshot& snapshot);

/// Whoever reads looks once, or has a view that is drawn again and again.
enum class View { once, live };

/// How many half-closed sockets there are, of which kinds, how old; if there are none, what else
/// the ports have and what to try; if the kernel gave no answer, that.
std::string summary_sentence(const Snapshot& snapshot, View view = View::once);

/// Whether the counts of the census agree with the kernel's own.
std::string reconciliation_sentence(const Snapshot& snapshot);

}  // namespace halfclosed::exporters
