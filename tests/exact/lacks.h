#pragma once

#include <string>
#include <string_view>

#include "exact/source.h"

namespace halfclosed {

// What is different where the kernel lacks something, by the word of the source itself. Where it lacks nothing, none of
// this changes anything.

/// What is left out because of this tracepoint; empty: nothing is.
std::string left_out_of(const exact::Source& source, std::string_view tracepoint);

/// What of `counts` this kernel tells.
ExactTotals as_told(const exact::Source& source, const ExactTotals& counts);

/// Asks for the steps that this kernel does not tell, as a poll of the daemon does.
void ask_for_untold_steps(exact::Source& source);

}  // namespace halfclosed
