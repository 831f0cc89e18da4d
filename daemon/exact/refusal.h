#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace halfclosed::exact {

/// The effective capabilities of the calling thread, a bit each (capabilities(7)); 0 if the kernel does not say.
std::uint64_t effective_capabilities();

/// Why the kernel refused with `error`, an errno, as a clause in parentheses after a space; empty if nothing is known
/// beyond the errno. The verifier refuses with EACCES, as a missing capability does (kernel/bpf/verifier.c), so what is
/// held decides: `effective` is a set of capabilities, `warning` what libbpf said.
std::string reason_of_refusal(int error, std::uint64_t effective, std::string_view warning);

/// A warning of libbpf on one line: of the verifier's log, the line with which it ends (before its statistics).
std::string in_one_line(std::string_view warning);

}  // namespace halfclosed::exact
