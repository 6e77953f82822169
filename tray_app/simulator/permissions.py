"""The permissions of each role as GetNewSession lists them (src/Accounts/Permissions.cs), as recorded."""

# In the order in which 0.9.8.2 sends them; the lists of the lesser roles are this one with gaps.
_OWNER = """
    * configure_roles restart edit_model_metadata param_backend_type basic_text_generation param_backend_id
    install use_tokenizer comfy_read_workflows interrupt_others download_models fundamental_model_access
    view_server_tab comfy_backend_generate user_star_images comfy_dynamic_custom_workflows manage_presets
    view_backends_list comfy_edit_workflows user_delete_image view_image_history server_debug_message
    add_remove_backends comfy_stored_custom_workflows shutdown admin_debug local_image_folder
    fundamental_generate_tab_access param_video delete_models view_others_outputs control_model_refresh
    read_server_settings toggle_backends restart_backends manage_users user_tab basic_image_generation
    automated_control comfy_direct_calls read_user_settings extra_loras edit_user_settings load_models_now
    edit_wildcards install_features param_controlnet read_server_info_panels utilities_tab edit_params
    edit_server_settings simple_tab pickle2safetensors view_logs reset_metadata control_mem_clean
    manage_extensions fundamental model_params create_tensorrt edit_backends imagebatcher_use_image_batcher
"""
# 0.9.7.0 sends its own order and lacks what came later.
_OWNER_OLD = """
    * configure_roles restart edit_model_metadata param_backend_type install param_backend_id use_tokenizer
    comfy_read_workflows download_models fundamental_model_access view_server_tab comfy_backend_generate
    user_star_images comfy_dynamic_custom_workflows manage_presets view_backends_list comfy_edit_workflows
    user_delete_image view_image_history server_debug_message add_remove_backends comfy_stored_custom_workflows
    shutdown admin_debug local_image_folder fundamental_generate_tab_access param_video delete_models
    view_others_outputs control_model_refresh read_server_settings toggle_backends restart_backends manage_users
    basic_image_generation comfy_direct_calls read_user_settings extra_loras edit_user_settings load_models_now
    edit_wildcards install_features param_controlnet read_server_info_panels edit_params edit_server_settings
    pickle2safetensors view_logs reset_metadata control_mem_clean manage_extensions fundamental model_params
    create_tensorrt edit_backends imagebatcher_use_image_batcher scorersext_use_scorers
"""
_GUEST = """
    use_tokenizer fundamental_model_access fundamental_generate_tab_access read_user_settings fundamental
"""
_USER_ADDS = """
    basic_text_generation user_star_images manage_presets user_delete_image view_image_history param_video
    user_tab basic_image_generation edit_user_settings param_controlnet utilities_tab edit_params simple_tab
    model_params
"""
_POWERUSER_ADDS = """
    edit_model_metadata param_backend_type param_backend_id comfy_read_workflows download_models view_server_tab
    comfy_backend_generate comfy_dynamic_custom_workflows view_backends_list comfy_edit_workflows
    comfy_stored_custom_workflows delete_models control_model_refresh restart_backends comfy_direct_calls
    extra_loras load_models_now edit_wildcards install_features pickle2safetensors reset_metadata
    control_mem_clean create_tensorrt
"""
_ADMIN_ADDS = """
    restart interrupt_others add_remove_backends admin_debug view_others_outputs read_server_settings
    toggle_backends read_server_info_panels edit_server_settings view_logs manage_extensions edit_backends
    imagebatcher_use_image_batcher
"""

ROLES = ("guest", "user", "poweruser", "admin", "owner")


def permissions(role: str, *, old: bool = False) -> list[str]:
    """What a role may do, in the order of that generation. Raises ValueError for an unknown role."""
    everything = (_OWNER_OLD if old else _OWNER).split()
    if role == "owner":
        return everything
    if role not in ROLES:
        raise ValueError(f"SwarmUI has the roles {', '.join(ROLES)}, but none named {role}.")
    held: set[str] = set()
    for name, adds in zip(ROLES, (_GUEST, _USER_ADDS, _POWERUSER_ADDS, _ADMIN_ADDS), strict=False):
        held.update(adds.split())
        if name == role:
            break
    return [flag for flag in everything if flag in held]


# What the log calls a permission and its group; for others nothing was recorded.
_TITLES = {
    "read_server_info_panels": ("Read Server Info Panels", "Admin"),
    "view_backends_list": ("View Backends List", "Backends Admin"),
    "view_logs": ("View Server Logs", "Admin"),
    "interrupt_others": ("Interrupt Others", "Admin"),
}


def lacks(permission: str) -> str:
    """The words of the log line about a permission that somebody lacks."""
    title, group = _TITLES.get(permission, (permission.replace("_", " ").title(), "General"))
    return f"User lacks required permission '{permission}' ('{title}' in group '{group}')"
