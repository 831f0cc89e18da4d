#pragma once

#include <string>

#include "records/socket_record.h"

namespace halfclosed::text {

/// Hexadecimal without a prefix, as ss prints it after "sk:": "5f3a".
std::string cookie_text(Cookie cookie);

}  // namespace halfclosed::text
