#pragma once

#include <string>
#include <string_view>

namespace halfclosed::exporters {

/// Whether an Accept-Encoding header (RFC 9110 section 12.5.3) takes gzip: named, or by "*", with a
/// weight above 0.
bool accepts_gzip(std::string_view accept_encoding);

/// `text` as one gzip member (RFC 1952), compressed fast rather than small. Throws std::bad_alloc.
std::string gzip(std::string_view text);

}  // namespace halfclosed::exporters
