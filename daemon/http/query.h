#pragma once

#include <map>
#include <string>

#include "http/request.h"

namespace halfclosed::http {

/// The query of a request with its escapes made bytes, keys too. Throws std::invalid_argument if one is broken.
std::map<std::string, std::string> decoded_query(const Request& request);

}  // namespace halfclosed::http
