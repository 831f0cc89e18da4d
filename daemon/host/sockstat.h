#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "host/network_directory.h"
#include "posix/error.h"
#include "records/sockstat.h"

namespace halfclosed::host {

/// The text of sockstat; `inuse6` stays empty. Lines and fields that are not known are skipped.
/// Throws Error, in the name of `file`, if one of ours is missing or is not a number.
Sockstat parse_sockstat(std::string_view text, const std::string& file = "sockstat");

/// TCP6 inuse from the text of sockstat6. Throws as above.
std::uint64_t parse_sockstat6(std::string_view text, const std::string& file = "sockstat6");

/// Reads both files of a network namespace, by default the calling thread's. Throws Error.
Sockstat read_sockstat(const std::string& directory = kNetworkDirectory);

}  // namespace halfclosed::host
