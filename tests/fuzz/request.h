#pragma once

#include <cstddef>
#include <string>

#include "http/request.h"

/// "/path?key=value&key=value" as the server hands it over: nothing is decoded.
inline halfclosed::http::Request request_for(const std::string& method, const std::string& target) {
    halfclosed::http::Request request;
    request.method = method;
    const std::size_t query = target.find('?');
    request.path = target.substr(0, query);
    for (std::size_t at = query; at < target.size();) {
        const std::size_t end = target.find('&', at + 1);
        const std::string pair = target.substr(at + 1, end - at - 1);
        const std::size_t equal = pair.find('=');
        request.query[pair.substr(0, equal)] =
            equal == std::string::npos ? "" : pair.substr(equal + 1);
        at = end;
    }
    return request;
}
