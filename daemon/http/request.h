#pragma once

#include <map>
#include <string>
#include <string_view>

#include "http/peer.h"

namespace halfclosed::http {

/// What of a request matters. Everything in it comes from outside.
struct Request {
    std::string method;
    std::string path;  ///< as sent: without the query, not decoded
    /// As sent, too. A key that is there several times has all its values, with commas between them.
    std::map<std::string, std::string> query;
    std::map<std::string, std::string> headers;  ///< by name in lower case
    Peer peer;

    /// Empty if there is none.
    std::string_view header(const std::string& name) const {
        const auto found = headers.find(name);
        return found != headers.end() ? std::string_view(found->second) : std::string_view();
    }

    /// GET or HEAD.
    bool reads() const { return method == "GET" || method == "HEAD"; }
};

}  // namespace halfclosed::http
