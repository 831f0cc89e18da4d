#pragma once

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

namespace year {

/// The C library's own function of this name, behind the one of this library.
template <typename Function>
Function* next(const char* name, const char* version = nullptr) {
    void* const found =
        version != nullptr ? ::dlvsym(RTLD_NEXT, name, version) : ::dlsym(RTLD_NEXT, name);
    if (found == nullptr) {
        std::fprintf(stderr, "year: no %s\n", name);
        std::_Exit(99);
    }
    return reinterpret_cast<Function*>(found);
}

}  // namespace year

/// In a function of the C library's: `real`, which it stands before.
#define YEAR_REAL(function) static auto* const real = year::next<decltype(function)>(#function)
