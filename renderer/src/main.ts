import { mount } from 'svelte';
import './app.css';
import { chooseDial } from './api/dial.ts';
import Shell from './shell/Shell.svelte';

const target = document.getElementById('app');
if (target === null) throw new Error('The page has no place for the interface.');
mount(Shell, { target, props: { dial: chooseDial() } });
