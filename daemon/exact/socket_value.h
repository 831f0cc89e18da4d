#pragma once

#include "exact/bpf/layout_in_cpp.h"
#include "records/exact_counts.h"

namespace halfclosed::exact {

// A socket in the kernel's table, to and from the record that everybody knows.

/// `with_thread`: whether the programs number threads as this process does.
ExactSocket socket_of(std::uint64_t cookie, const exact_socket& value, bool with_thread);

/// Of a dump's row: since when is not known.
exact_socket value_of(const ExactKey& key, const SocketRecord& record);

/// The kernel's programs tell threads as the initial PID namespace numbers them (include/linux/proc_ns.h).
bool sees_all_threads();

}  // namespace halfclosed::exact
