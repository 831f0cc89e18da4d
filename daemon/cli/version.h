#pragma once

#include <string>

namespace halfclosed {

/// "0.1.0".
std::string version();

/// The commit that was built, "unknown" outside a checkout.
std::string revision();

/// For --version: version, revision, compiler, build type, the libraries.
std::string version_text();

}  // namespace halfclosed
